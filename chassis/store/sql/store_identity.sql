-- Which store this is: the same one after it was restored, another one when it was made anew.
SELECT id::text FROM store_identity
