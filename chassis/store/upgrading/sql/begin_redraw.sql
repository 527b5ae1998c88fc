-- The small table of a kind is to be drawn anew, from its first document on.
INSERT INTO redraw (kind) VALUES ($1) ON CONFLICT (kind) DO UPDATE SET drawn_to = ''
