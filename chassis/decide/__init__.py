"""How a thing is judged: learn, conclude, announce, and what they share. Pure."""
