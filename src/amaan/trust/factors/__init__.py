"""More than a password: one-time codes, passkeys, a provider of sign-ins."""
