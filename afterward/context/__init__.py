"""What a verb talks to: a stack on this machine, or a cluster whose addresses and credentials a context keeps."""
