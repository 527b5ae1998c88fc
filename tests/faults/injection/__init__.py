"""What is done to a service, to the bus, or by its senders: every fault and every deliberate mistake."""
