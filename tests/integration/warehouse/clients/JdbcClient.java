import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;

/** Runs the commands on standard input through ClickHouse's JDBC driver; one line of JSON for each. */
public class JdbcClient {
    private final String host;
    private final Properties properties = new Properties();

    JdbcClient(String[] arguments) {
        host = arguments[0];
        properties.setProperty("user", arguments[1]);
        properties.setProperty("password", arguments[2]);
        for (int place = 3; place < arguments.length; place++) {
            String[] pair = arguments[place].split("=", 2);
            properties.setProperty(pair[0], pair[1]);
        }
    }

    public static void main(String[] arguments) throws Exception {
        JdbcClient client = new JdbcClient(arguments);
        try (Connection connection =
                DriverManager.getConnection("jdbc:ch:http://" + client.host + "/", client.properties)) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] command = line.split("\t");
                String answer;
                try {
                    answer = client.run(connection, command);
                } catch (Exception error) {
                    answer = "{\"error\": " + quote(String.valueOf(error)) + "}";
                }
                System.out.println(answer);
            }
        }
    }

    String run(Connection connection, String[] command) throws Exception {
        switch (command[0]) {
            case "query":
                try (Statement statement = connection.createStatement()) {
                    return rows(statement.executeQuery(command[1]));
                }
            case "execute":
                try (Statement statement = connection.createStatement()) {
                    return String.valueOf(statement.execute(command[1]));
                }
            case "types":
                return types(connection, command[1]);
            case "prepared":
                return prepared(connection, command[1]);
            case "batch":
                return batch(connection, command[1], Integer.parseInt(command[2]));
            case "schemas":
                return rows(connection.getMetaData().getSchemas());
            case "tables":
                return rows(connection.getMetaData().getTables(null, command[1], "%", null));
            case "columns":
                return rows(connection.getMetaData().getColumns(null, command[1], command[2], "%"));
            case "product":
                return quote(connection.getMetaData().getDatabaseProductName());
            case "schema":
                connection.setSchema(command[1]);
                return quote(connection.getSchema());
            case "readonly":
                connection.setReadOnly(true);
                return String.valueOf(connection.isValid(10));
            case "cancel":
                return cancel(connection, command[1]);
            case "http":
                return http(command[1]);
            default:
                throw new IllegalArgumentException(command[0]);
        }
    }

    private static String rows(ResultSet result) throws Exception {
        List<String> rows = new ArrayList<>();
        while (result.next()) {
            List<String> row = new ArrayList<>();
            for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                row.add(quote(result.getString(column)));
            }
            rows.add("[" + String.join(", ", row) + "]");
        }
        return "[" + String.join(", ", rows) + "]";
    }

    private static String types(Connection connection, String query) throws Exception {
        try (Statement statement = connection.createStatement()) {
            ResultSet result = statement.executeQuery(query);
            result.next();
            List<String> types = new ArrayList<>();
            for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                types.add(quote(result.getObject(column).getClass().getSimpleName()));
            }
            return "[" + String.join(", ", types) + "]";
        }
    }

    private static String prepared(Connection connection, String query) throws Exception {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setInt(1, 41);
            statement.setString(2, "it's\ta \\ text");
            return rows(statement.executeQuery());
        }
    }

    private static String batch(Connection connection, String table, int rows) throws Exception {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO " + table + " (id, name) VALUES (?, ?)")) {
            for (int row = 0; row < rows; row++) {
                statement.setLong(1, row);
                statement.setString(2, "name " + row);
                statement.addBatch();
            }
            return String.valueOf(statement.executeBatch().length);
        }
    }

    private static String cancel(Connection connection, String query) throws Exception {
        Statement statement = connection.createStatement();
        String[] outcome = {"\"it ended by itself\""};
        Thread running = new Thread(() -> {
            try {
                statement.executeQuery(query);
            } catch (Exception error) {
                outcome[0] = quote(String.valueOf(error));
            }
        });
        running.start();
        Thread.sleep(1500);
        statement.cancel();
        running.join(30000);
        return running.isAlive() ? "\"it still runs\"" : outcome[0];
    }

    /** Java's own HTTP client, which offers an upgrade to HTTP/2 with its first request. */
    private String http(String query) throws Exception {
        String login = properties.getProperty("user") + ":" + properties.getProperty("password");
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + "/"))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes()))
                .POST(HttpRequest.BodyPublishers.ofString(query))
                .build();
        return quote(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    private static String quote(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter == '"' || letter == '\\') {
                quoted.append('\\').append(letter);
            } else if (letter < ' ') {
                quoted.append(String.format("\\u%04x", (int) letter));
            } else {
                quoted.append(letter);
            }
        }
        return quoted.append('"').toString();
    }
}
