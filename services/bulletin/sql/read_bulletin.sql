-- What stands of one edition of a day: its document, [facts, conclusions].
SELECT document FROM state WHERE kind = $1 AND key = $2
