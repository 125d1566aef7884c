# The development authority of separate programs that talk over TCP; sourced, not
# run, after separate.sh. In tls/ of the data folder are
#   authority.key, authority.pem   who issues the others, for ten years
#   NAME.key, NAME.pem             of mostove-NAME, for thirty days
# shellcheck shell=bash disable=SC2034,SC2154

AUTHORITY_DAYS=3650
CERTIFICATE_DAYS=30
# Renewed when less is left.
CERTIFICATE_SPARE_DAYS=10

# lasts FILE: leaves 0 if it is a certificate that does not end soon.
lasts() {
  openssl x509 -in "$1" -noout -checkend $((CERTIFICATE_SPARE_DAYS * 86400)) >/dev/null 2>&1
}

# issue NAME DAYS ARGUMENT...: a new key and certificate, which programs see whole
# or not at all; the key is for the programs' account alone, the authority's for
# the caller.
issue() {
  local file=$data/tls/$1
  (
    umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$file.key.new" -out "$file.pem.new" \
      -days "$2" -subj "/O=Mostove development/CN=$1" "${@:3}" 2>/dev/null
  ) || fail "openssl made no certificate in $data/tls"
  chmod 0644 -- "$file.pem.new"
  if ((${#as_account[@]} > 0)) && [ "$1" != authority ]; then chown "$ACCOUNT:$ACCOUNT" -- "$file.key.new"; fi
  mv -f -- "$file.key.new" "$file.key"
  mv -f -- "$file.pem.new" "$file.pem"
}

# make_certificates: the authority once, and what is missing or ends soon. Programs
# take new files up by themselves.
make_certificates() {
  local name ca=$data/tls/authority
  [ -d "$data/tls" ] || mkdir -m 0755 -- "$data/tls"
  [ -e "$ca.pem" ] || issue authority "$AUTHORITY_DAYS" -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
    -addext keyUsage=critical,keyCertSign
  for name in gateway "${SERVICES[@]}"; do
    lasts "$data/tls/$name.pem" ||
      issue "$name" "$CERTIFICATE_DAYS" -CA "$ca.pem" -CAkey "$ca.key" -addext basicConstraints=critical,CA:FALSE \
        -addext "subjectAltName=URI:mostove://services/$name" -addext extendedKeyUsage=serverAuth,clientAuth
  done
}

# tls_options NAME: sets $tls, the options that tell mostove-NAME of its certificate;
# none on Unix sockets.
tls_options() {
  tls=()
  ((tcp == 0)) || tls=(--tls-certificate "$data/tls/$1.pem" --tls-key "$data/tls/$1.key" --tls-authority "$data/tls/authority.pem")
}
