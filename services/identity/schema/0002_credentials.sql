-- What proves who somebody is. Never in a resource, the change log or an answer;
-- changed in the transaction of the resource that it belongs to. Times are
-- microseconds since 1970.

-- Held by a transaction that decides by all keys or by all administrators.
CREATE TABLE locks (name TEXT NOT NULL PRIMARY KEY);
INSERT INTO locks (name) VALUES ('administrators'), ('signing_keys');

-- Living users by the address that they sign in with.
CREATE TABLE user_emails (
  email TEXT NOT NULL PRIMARY KEY,
  user_name TEXT NOT NULL
);
CREATE INDEX user_emails_of ON user_emails (user_name);

CREATE TABLE passwords (
  user_name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL
);

-- From where a user has signed in, as a keyed hash: wrong passwords from elsewhere
-- keep nobody out there.
CREATE TABLE sign_in_addresses (
  user_name TEXT NOT NULL,
  address TEXT NOT NULL,
  last_time BIGINT NOT NULL,
  PRIMARY KEY (user_name, address)
);
CREATE INDEX sign_in_addresses_by_time ON sign_in_addresses (last_time);

-- Users by their names at an outside OpenID provider.
CREATE TABLE outside_identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_name TEXT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX outside_identities_of ON outside_identities (user_name);

CREATE TABLE client_secrets (
  hash TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  expire_time BIGINT NOT NULL
);
CREATE INDEX client_secrets_of ON client_secrets (client);

-- The session that tokens for a secret name, until it is time for another.
CREATE TABLE client_sessions (
  secret TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  session TEXT NOT NULL,
  expire_time BIGINT NOT NULL
);
CREATE INDEX client_sessions_of ON client_sessions (client);

-- Of each session the refresh token that is valid, and the one before it.
CREATE TABLE refresh_tokens (
  session TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  scopes BIGINT NOT NULL,
  hash TEXT NOT NULL,
  expire_time BIGINT NOT NULL,
  previous_hash TEXT NOT NULL,
  rotate_time BIGINT NOT NULL,
  rotate_address TEXT NOT NULL
);
CREATE INDEX refresh_tokens_by_time ON refresh_tokens (expire_time);

-- session: '' until the code was used.
CREATE TABLE authorization_codes (
  hash TEXT NOT NULL PRIMARY KEY,
  client TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  user_name TEXT NOT NULL,
  scopes BIGINT NOT NULL,
  expire_time BIGINT NOT NULL,
  session TEXT NOT NULL
);
CREATE INDEX authorization_codes_by_time ON authorization_codes (expire_time);

-- For whom an invitation is open; gone when it was accepted, withdrawn or expired.
CREATE TABLE invitation_emails (
  invitation TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  expire_time BIGINT NOT NULL
);
CREATE INDEX invitation_emails_of ON invitation_emails (email);
CREATE INDEX invitation_emails_by_time ON invitation_emails (expire_time);

-- Private halves, sealed with the key file. The one that signs is the last to have
-- become active.
CREATE TABLE signing_key_secrets (
  name TEXT NOT NULL PRIMARY KEY,
  box BLOB NOT NULL,
  active_time BIGINT NOT NULL
);
