"""Services as processes of their own, and the stack of one run."""
