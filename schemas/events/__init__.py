"""Events: what a service states as fact. One module for each service that states them."""
