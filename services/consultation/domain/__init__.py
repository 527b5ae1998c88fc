"""What consultation decides: of a channel, a prescription and a patient in aftercare, each kind in a package."""
