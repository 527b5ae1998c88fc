-- What stands of one day: its document, [facts, conclusions].
SELECT document FROM state WHERE kind = 'day' AND key = $1
