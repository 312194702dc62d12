// What a generated dashboard must be: Grafana's types, with the options of each kind of panel that is used. The
// compiler refuses names that Grafana does not know, since each dashboard is an object literal.
import type { Dashboard, DataQuery, FieldConfig, Panel } from "@grafana/schema";
import type { Options as BarGauge } from "@grafana/schema/dist/types/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen.d.ts";
import type { Options as Stat } from "@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type {
  FieldConfig as TableColumn,
  Options as Table,
} from "@grafana/schema/dist/types/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts";
import type {
  FieldConfig as Series,
  Options as TimeSeries,
} from "@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";

/** A type as JSON has it: an enum's values instead of its members. */
type Plain<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends readonly (infer Element)[]
      ? Plain<Element>[]
      : T extends object
        ? { [Name in keyof T]: Plain<T[Name]> }
        : T;

interface WarehouseQuery extends DataQuery {
  datasource: { type: "grafana-clickhouse-datasource"; uid: string };
  editorType: "sql";
  queryType: "table" | "timeseries";
  format: 0 | 1;
  rawSql: string;
}

interface PrometheusQuery extends DataQuery {
  datasource: { type: "prometheus"; uid: string };
  editorMode: "code";
  expr: string;
  legendFormat: string;
  instant: boolean;
  range: boolean;
  format: "table" | "time_series";
}

interface Kind<Type extends string, Options, Custom>
  extends Omit<Plain<Panel>, "type" | "options" | "fieldConfig" | "targets"> {
  id: number;
  type: Type;
  options: Plain<Options>;
  fieldConfig: {
    defaults: Omit<Plain<FieldConfig>, "custom"> & { custom: Plain<Custom> };
    overrides: [];
  };
  targets: (WarehouseQuery | PrometheusQuery)[];
}

export interface Checked extends Omit<Plain<Dashboard>, "panels"> {
  panels: (
    | Kind<"stat", Stat, Record<string, never>>
    | Kind<"timeseries", Omit<TimeSeries, "timezone">, Series>
    | Kind<"bargauge", BarGauge, Record<string, never>>
    | Kind<"table", Table, TableColumn>
  )[];
}
