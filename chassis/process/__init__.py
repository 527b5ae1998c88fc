"""What runs: a process with its settings, health, metrics and end; a service is one."""
