"""Write the dashboards' files anew: `python -m dashboards.grafana`."""

from __future__ import annotations

from dashboards.grafana.files import FOLDER, texts


def main() -> None:
    """Replace every file of the folder."""
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in texts().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
