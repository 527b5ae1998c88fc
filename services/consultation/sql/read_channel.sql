-- What is known of one channel: its document, [facts, conclusions].
SELECT document FROM state WHERE kind = 'channel' AND key = $1
