-- This transaction may take longer than others of its connection.
SELECT set_config('transaction_timeout', $1, true), set_config('statement_timeout', $1, true)
