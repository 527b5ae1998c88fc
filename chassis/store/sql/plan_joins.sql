-- Allows, or forbids again, all ways of joining tables that are not by key, until the transaction ends.
SELECT set_config('enable_seqscan', $1, true), set_config('enable_hashjoin', $1, true),
       set_config('enable_mergejoin', $1, true)
