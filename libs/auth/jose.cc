#include "libs/auth/jose.h"

#include <rhonabwy.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/resource/name.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"

namespace mostove::auth {
namespace {

constexpr size_t kKeySetBytesMax = 256 << 10;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;

struct JwkRelease {
  void operator()(jwk_t* jwk) const { r_jwk_free(jwk); }
};
using Jwk = std::unique_ptr<jwk_t, JwkRelease>;

struct JwsRelease {
  void operator()(jws_t* jws) const { r_jws_free(jws); }
};
using Jws = std::unique_ptr<jws_t, JwsRelease>;

struct TextRelease {
  void operator()(char* text) const { r_free(text); }
};
using Text = std::unique_ptr<char, TextRelease>;

void StartLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { r_global_init(); });
}

Jwk MakeJwk() {
  StartLibrary();
  jwk_t* jwk = nullptr;
  return r_jwk_init(&jwk) == RHN_OK ? Jwk(jwk) : nullptr;
}

Jws MakeJws() {
  StartLibrary();
  jws_t* jws = nullptr;
  return r_jws_init(&jws) == RHN_OK ? Jws(jws) : nullptr;
}

Jwk ImportJwk(const std::string& text) {
  Jwk jwk = MakeJwk();
  if (jwk == nullptr || r_jwk_import_from_json_str(jwk.get(), text.c_str()) != RHN_OK) {
    return nullptr;
  }
  return jwk;
}

absl::Status WrongKey(absl::string_view why) {
  return status::Make(absl::StatusCode::kInvalidArgument, "KEY_INVALID", why);
}

// The bytes of a part; "" unless the text is the one way to write them.
std::string CanonicalBytes(absl::string_view part) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(part, &bytes)) return "";
  return absl::WebSafeBase64Escape(bytes) == part ? bytes : "";
}

jwa_alg AlgorithmOf(absl::string_view name) {
  if (name == "EdDSA") return R_JWA_ALG_EDDSA;
  if (name == "ES256") return R_JWA_ALG_ES256;
  if (name == "RS256") return R_JWA_ALG_RS256;
  return R_JWA_ALG_UNKNOWN;
}

// Which members of a JWK are its public half, and what it may be used for.
struct Shape {
  absl::string_view type, curve, algorithm;
  std::vector<const char*> members;
};

const Shape* ShapeOf(const json_t* jwk) {
  static const auto* shapes = new std::vector<Shape>{
      {"OKP", "Ed25519", "EdDSA", {"kty", "crv", "x"}},
      {"EC", "P-256", "ES256", {"kty", "crv", "x", "y"}},
      {"RSA", "", "RS256", {"kty", "n", "e"}},
  };
  for (const Shape& shape : *shapes) {
    if (shape.type == TextAt(jwk, "kty") && shape.curve == TextAt(jwk, "crv")) return &shape;
  }
  return nullptr;
}

absl::StatusOr<PublicKey> ReadPublicKey(const json_t* jwk) {
  const Shape* const shape = ShapeOf(jwk);
  if (shape == nullptr) return WrongKey("a key has to be Ed25519, P-256 or RSA");
  if (json_object_get(jwk, "d") != nullptr) return WrongKey("a public key has no private half");
  const absl::string_view use = TextAt(jwk, "use");
  const absl::string_view algorithm = TextAt(jwk, "alg");
  if (!use.empty() && use != "sig") return WrongKey("the key is not for signatures");
  if (!algorithm.empty() && algorithm != shape->algorithm) {
    return WrongKey("the key is for another algorithm");
  }
  const Json clean(json_object());
  for (const char* const member : shape->members) {
    json_object_set(clean.get(), member, json_object_get(jwk, member));
  }
  PublicKey key = {std::string(shape->algorithm), ToText(clean.get())};
  const Jwk imported = ImportJwk(key.jwk);
  unsigned int bits = 0;
  const int type = imported == nullptr
                       ? R_KEY_TYPE_NONE
                       : r_jwk_key_type(imported.get(), &bits, R_FLAG_IGNORE_REMOTE);
  if ((type & R_KEY_TYPE_PUBLIC) == 0) return WrongKey("the key is malformed");
  if (shape->type == "RSA" && (bits < kRsaBitsMin || bits > kRsaBitsMax)) {
    return WrongKey(
        absl::StrCat("an RSA key has to have ", kRsaBitsMin, " to ", kRsaBitsMax, " bits"));
  }
  return key;
}

}  // namespace

// ---- JSON

Json ParseObject(absl::string_view text) {
  Json json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
  return json_is_object(json.get()) ? std::move(json) : nullptr;
}

std::string ToText(const json_t* json) {
  const Text text(json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS));
  return text == nullptr ? "" : text.get();
}

absl::string_view TextAt(const json_t* object, const char* key) {
  const json_t* const value = json_object_get(object, key);
  if (!json_is_string(value)) return "";
  return {json_string_value(value), json_string_length(value)};
}

absl::Time TimeAt(const json_t* object, const char* key) {
  const json_t* const value = json_object_get(object, key);
  if (json_is_integer(value)) return absl::FromUnixSeconds(json_integer_value(value));
  if (json_is_real(value)) return absl::UnixEpoch() + absl::Seconds(json_real_value(value));
  return absl::InfinitePast();
}

// ---- tokens

absl::Status InvalidToken(absl::string_view why) {
  return status::Make(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
                      absl::StrCat("the token is not valid: ", why));
}

absl::StatusOr<UnverifiedToken> UnverifiedToken::Parse(
    absl::string_view token, size_t bytes_max, std::initializer_list<absl::string_view> fields) {
  if (token.size() > bytes_max) return InvalidToken("it is too long");
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return InvalidToken("it is no signed JWT");
  const std::string header = CanonicalBytes(parts[0]);
  if (header.empty() || CanonicalBytes(parts[1]).empty() || CanonicalBytes(parts[2]).empty()) {
    return InvalidToken("it is no signed JWT");
  }
  UnverifiedToken read;
  read.token_ = token;
  read.header_ = ParseObject(header);
  if (read.header_ == nullptr) return InvalidToken("its header is no JSON object");
  const char* name = nullptr;
  json_t* value = nullptr;
  json_object_foreach(read.header_.get(), name, value) {
    const bool known =
        std::find(fields.begin(), fields.end(), absl::string_view(name)) != fields.end();
    if (!known || !json_is_string(value)) {
      return InvalidToken("its header has a field that is not taken");
    }
  }
  return read;
}

absl::StatusOr<Json> UnverifiedToken::Verify(const PublicKey& key) const {
  if (algorithm() != key.algorithm) return InvalidToken("its algorithm is not that of its key");
  const Jws jws = MakeJws();
  const Jwk jwk = ImportJwk(key.jwk);
  if (jws == nullptr || jwk == nullptr) return status::Internal("a public key cannot be used");
  const bool signed_by_it =
      r_jws_advanced_parsen(jws.get(), token_.data(), token_.size(), R_PARSE_NONE,
                            R_FLAG_IGNORE_REMOTE) == RHN_OK &&
      r_jws_get_alg(jws.get()) == AlgorithmOf(key.algorithm) &&
      r_jws_verify_signature(jws.get(), jwk.get(), R_FLAG_IGNORE_REMOTE) == RHN_OK;
  if (!signed_by_it) return InvalidToken("its signature is wrong");
  size_t size = 0;
  const unsigned char* const payload = r_jws_get_payload(jws.get(), &size);
  Json claims = ParseObject({reinterpret_cast<const char*>(payload), size});
  if (claims == nullptr) return InvalidToken("its claims are no JSON object");
  return claims;
}

absl::StatusOr<std::string> SignClaims(const SigningKey& key, const char* type,
                                       const json_t* claims) {
  const Jws jws = MakeJws();
  const Jwk jwk = ImportJwk(key.private_jwk);
  const std::string payload = ToText(claims);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(payload.data());
  if (jws == nullptr || jwk == nullptr) return WrongKey("the signing key cannot be used");
  const bool set = r_jws_set_alg(jws.get(), R_JWA_ALG_EDDSA) == RHN_OK &&
                   r_jws_set_header_str_value(jws.get(), "typ", type) == RHN_OK &&
                   r_jws_set_header_str_value(jws.get(), "kid", key.id.c_str()) == RHN_OK &&
                   r_jws_set_payload(jws.get(), bytes, payload.size()) == RHN_OK;
  if (!set) return status::Internal("a token cannot be put together");
  const Text token(r_jws_serialize(jws.get(), jwk.get(), R_FLAG_IGNORE_REMOTE));
  if (token == nullptr) return WrongKey("the signing key cannot be used");
  return std::string(token.get());
}

// ---- keys

absl::StatusOr<SigningKey> GenerateKey() {
  SigningKey key = {.id = resource::MakeUuid()};
  const Jwk private_half = MakeJwk();
  const Jwk public_half = MakeJwk();
  if (private_half == nullptr || public_half == nullptr ||
      r_jwk_generate_key_pair(private_half.get(), public_half.get(), R_KEY_TYPE_EDDSA, 256,
                              key.id.c_str()) != RHN_OK) {
    return status::Internal("a signing key cannot be made");
  }
  const Text text(r_jwk_export_to_json_str(private_half.get(), 0));
  if (text == nullptr) return status::Internal("a signing key cannot be made");
  key.private_jwk = text.get();
  return key;
}

absl::StatusOr<std::string> PublicJwk(const SigningKey& key) {
  const Json json = ParseObject(key.private_jwk);
  if (json == nullptr || TextAt(json.get(), "d").empty()) {
    return WrongKey("the signing key is no private JWK");
  }
  json_object_del(json.get(), "d");
  json_object_del(json.get(), "alg");
  json_object_del(json.get(), "use");
  ASSIGN_OR_RETURN(const PublicKey half, ReadPublicKey(json.get()));
  if (half.algorithm != "EdDSA") return WrongKey("the signing key is no Ed25519 key");
  const Json published = ParseObject(half.jwk);
  json_object_set_new(published.get(), "kid", json_string(key.id.c_str()));
  json_object_set_new(published.get(), "alg", json_string("EdDSA"));
  json_object_set_new(published.get(), "use", json_string("sig"));
  return ToText(published.get());
}

absl::StatusOr<PublicKey> ParsePublicKey(absl::string_view jwk) {
  const Json json = ParseObject(jwk);
  if (json == nullptr) return WrongKey("a key has to be a JSON object");
  return ReadPublicKey(json.get());
}

absl::StatusOr<KeySet> ParseKeySet(absl::string_view jwks) {
  const Json json = jwks.size() > kKeySetBytesMax ? nullptr : ParseObject(jwks);
  const json_t* const keys = json_object_get(json.get(), "keys");
  if (!json_is_array(keys)) return WrongKey("a JWKS has to be an object with an array `keys`");
  KeySet set;
  std::vector<std::string> doubled;
  size_t index = 0;
  json_t* each = nullptr;
  json_array_foreach(keys, index, each) {
    const std::string id(TextAt(each, "kid"));
    auto key = ReadPublicKey(each);
    if (id.empty() || !key.ok()) continue;
    if (!set.emplace(id, *std::move(key)).second) doubled.push_back(id);
  }
  for (const std::string& id : doubled) set.erase(id);
  return set;
}

}  // namespace mostove::auth
