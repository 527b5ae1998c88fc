-- Whether a subscription is on.
-- formerly: table/subscription d88c2f0bc7523fa4caf38ebf9ae95961cadc50ca2d33e09f1f780bc11aa1216b

CREATE TABLE subscription (
    key   text PRIMARY KEY,
    is_on boolean
);
