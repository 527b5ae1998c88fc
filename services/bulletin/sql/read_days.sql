-- What each of these days stands at: its document, [facts, conclusions].
SELECT key, document FROM state WHERE kind = 'day' AND key = ANY ($1::text[]) AND document IS NOT NULL
