"""How the system is watched, as files: dashboards, alert rules, the page of metrics."""
