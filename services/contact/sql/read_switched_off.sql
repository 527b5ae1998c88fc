-- The subscriptions that are off.
SELECT key FROM subscription WHERE NOT is_on
