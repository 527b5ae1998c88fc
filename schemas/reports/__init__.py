"""Reports: what somebody outside says happened. One module for each service that takes them in."""
