"""The HTTP shell: one server-sent-event stream per client, and the built front end."""
