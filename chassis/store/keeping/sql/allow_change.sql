-- Within this transaction the owner may change access_log.
SELECT set_config('afterward.keeping', 'access_log', true)
