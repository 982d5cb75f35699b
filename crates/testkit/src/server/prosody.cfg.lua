-- Filled in by prosody.rs. Everything listens on loopback only.
run_as_root = true
pidfile = "@folder@/prosody.pid"
data_path = "@folder@/data"
certificates = "@folder@/certs"
log = { info = "@folder@/server.log" }

interfaces = { "127.0.0.1" }
c2s_ports = { @tcp@ }
c2s_direct_tls_ports = { @tls@ }
s2s_ports = {}
http_interfaces = { "127.0.0.1" }
http_ports = { @http@ }
https_interfaces = { "127.0.0.1" }
https_ports = { @https@ }
https_ssl = { certificate = "@folder@/server.pem", key = "@folder@/server.pem" }
http_default_host = "@domain@"
http_external_url = "http://127.0.0.1:@public@/"

modules_enabled = {
    "blocklist", "carbons", "csi_simple", "disco", "http", "mam", "pep", "ping", "posix", "private", "register",
    "roster", "saslauth", "smacks", "time", "tls", "vcard4", "vcard_legacy", "version", "websocket",
}
modules_disabled = { "s2s" }

authentication = "internal_hashed"
storage = "internal"
allow_registration = @registration@
archive_expires_after = "never"
default_archive_policy = @keeps@
c2s_require_encryption = true
-- WebSocket without TLS is for loopback, which this is.
consider_websocket_secure = true
c2s_stanza_size_limit = 262144
smacks_hibernation_time = @resume@

VirtualHost "@domain@"
    ssl = { certificate = "@folder@/server.pem", key = "@folder@/server.pem" }

Component "upload.@domain@" "http_file_share"
    http_host = "@domain@"
    http_file_share_size_limit = @upload_limit@
    http_file_share_daily_quota = 100 * @upload_limit@
