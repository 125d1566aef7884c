#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <string>

#include "libs/testing/matchers.h"
#include "libs/testing/temporary_folder.h"
#include "libs/tls/credentials.h"
#include "libs/tls/test_authority.h"

namespace mostove::tls {
namespace {

using testing::HasMessage;
using ::testing::HasSubstr;
using testing::IsOk;

// Two engines and the bytes between them.
struct Pair {
  Pair(std::unique_ptr<Engine> from, std::unique_ptr<Engine> to)
      : client(std::move(from)), server(std::move(to)) {
    for (int turn = 0; turn < 4; ++turn) {
      Carry(*client, *server);
      Carry(*server, *client);
    }
  }
  void Carry(Engine& from, Engine& to) {
    std::string bytes;
    from.Send("", bytes);
    if (!bytes.empty()) to.Receive(bytes, received);
  }
  // What arrives of a text.
  std::string Say(Engine& from, Engine& to, absl::string_view text) {
    std::string bytes, plain;
    from.Send(text, bytes);
    EXPECT_THAT(bytes, ::testing::Not(HasSubstr(std::string(text)))) << "nobody reads along";
    EXPECT_TRUE(to.Receive(bytes, plain));
    return plain;
  }
  bool established() const { return client->established() && server->established(); }

  std::unique_ptr<Engine> client, server;
  std::string received;
};

class TlsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Credentials> Load(const Files& files, const std::string& self) {
    auto loaded = Credentials::Load(files, self);
    EXPECT_THAT(loaded, IsOk());
    return *std::move(loaded);
  }
  std::unique_ptr<Credentials> Make(const std::string& program) {
    return Load(authority_.Issue(program.substr(program.find('/') + 1), program), program);
  }
  std::filesystem::path Folder(const char* name) const { return folder_.path() / name; }

  const testing::TemporaryFolder folder_ = *testing::TemporaryFolder::Make("mostove_tls");
  const TestAuthority authority_{Folder("ours")};
};

TEST_F(TlsTest, EachSideLearnsWhoTheOtherIs) {
  const auto gateway = Make("services/gateway"), funding = Make("services/funding");
  Pair pair(gateway->Connect("services/funding"), funding->Accept());
  ASSERT_TRUE(pair.established()) << pair.client->error() << pair.server->error();
  EXPECT_EQ(pair.client->peer(), "services/funding");
  EXPECT_EQ(pair.server->peer(), "services/gateway");
}

TEST_F(TlsTest, WhatIsSaidArrivesWhateverItsLength) {
  const auto gateway = Make("services/gateway"), funding = Make("services/funding");
  Pair pair(gateway->Connect("services/funding"), funding->Accept());
  for (const size_t length : {size_t{20}, size_t{16} << 10, size_t{1} << 20}) {
    const std::string text(length, 'm');
    EXPECT_EQ(pair.Say(*pair.client, *pair.server, text), text);
    EXPECT_EQ(pair.Say(*pair.server, *pair.client, text), text);
  }
}

TEST_F(TlsTest, BytesMayComeOneByOne) {
  const auto gateway = Make("services/gateway"), funding = Make("services/funding");
  Pair pair(gateway->Connect("services/funding"), funding->Accept());
  std::string bytes, plain;
  pair.client->Send("one by one", bytes);
  for (const char& byte : bytes) EXPECT_TRUE(pair.server->Receive({&byte, 1}, plain));
  EXPECT_EQ(plain, "one by one");
}

TEST_F(TlsTest, AChangedByteEndsTheConnection) {
  const auto gateway = Make("services/gateway"), funding = Make("services/funding");
  Pair pair(gateway->Connect("services/funding"), funding->Accept());
  std::string bytes, plain;
  pair.client->Send("a grant of 100", bytes);
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_FALSE(pair.server->Receive(bytes, plain));
  EXPECT_EQ(plain, "");
  EXPECT_NE(pair.server->error(), "");
}

TEST_F(TlsTest, AProperEndIsNoError) {
  const auto gateway = Make("services/gateway"), funding = Make("services/funding");
  Pair pair(gateway->Connect("services/funding"), funding->Accept());
  std::string bytes, plain;
  pair.server->End(bytes);
  EXPECT_FALSE(pair.client->Receive(bytes, plain));
  EXPECT_EQ(pair.client->error(), "");
}

// ---- who is refused

// A client that any program could be.
struct Stranger {
  const Files* files = nullptr;  // null: it shows no certificate
  int version_max = TLS1_3_VERSION;
  std::string protocols = "\x02h2";  // as TLS writes them; "": none
};

std::unique_ptr<Engine> Connect(const Stranger& stranger) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  if (stranger.files != nullptr) {
    SSL_CTX_use_certificate_chain_file(context, stranger.files->certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context, stranger.files->key.c_str(), SSL_FILETYPE_PEM);
  }
  SSL_CTX_set_max_proto_version(context, stranger.version_max);
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const uint8_t*>(stranger.protocols.data()),
                          static_cast<unsigned>(stranger.protocols.size()));
  SSL* const ssl = SSL_new(context);
  SSL_CTX_free(context);
  SSL_set_connect_state(ssl);
  return std::make_unique<Engine>(ssl, "");
}

// What the server says of it; it must not be let in, and is told.
std::string RefusalOf(const Stranger& stranger, Credentials& server) {
  Pair pair(Connect(stranger), server.Accept());
  EXPECT_FALSE(pair.server->established());
  EXPECT_NE(pair.client->error(), "") << "it is told";
  return pair.server->error();
}

TEST_F(TlsTest, ClientsAreRefusedUnlessTheirCertificateNamesAProgram) {
  const std::string gateway = "URI:mostove://services/gateway";
  const absl::Time now = absl::Now();
  const struct {
    const char* label;
    CertificateRequest request;
    const char* error;
  } refused[] = {
      {"expired", {{gateway}, now - absl::Hours(2), now - absl::Minutes(1)}, "has expired"},
      {"not_yet", {{gateway}, now + absl::Minutes(5)}, "not yet valid"},
      {"server_only", {.names = {gateway}, .purposes = "serverAuth"}, "purpose"},
      {"nameless", {}, "names no program"},
      {"dns", {.names = {"DNS:services-gateway"}}, "names no program"},
      {"elsewhere", {.names = {"URI:https://services/gateway"}}, "names no program"},
      {"two", {.names = {gateway, "URI:mostove://services/funding"}}, "names no program"},
      {"user", {.names = {"URI:mostove://users/administrator"}}, "names no program"},
      {"path", {.names = {"URI:mostove://services/gateway/x"}}, "names no program"},
  };
  const auto funding = Make("services/funding");
  for (const auto& each : refused) {
    const Files files = authority_.Issue(each.label, each.request);
    EXPECT_THAT(RefusalOf({.files = &files}, *funding), HasSubstr(each.error)) << each.label;
  }
  const Files fine = authority_.Issue("fine", "services/gateway");
  EXPECT_TRUE(Pair(Connect({.files = &fine}), funding->Accept()).established())
      << "or the others are refused for something else";
}

TEST_F(TlsTest, ClientsAreRefusedForHowTheySpeak) {
  const auto funding = Make("services/funding");
  const Files files = authority_.Issue("gateway", "services/gateway");
  EXPECT_THAT(RefusalOf({}, *funding), HasSubstr("did not return a certificate"));
  EXPECT_THAT(RefusalOf({.files = &files, .version_max = TLS1_2_VERSION}, *funding),
              HasSubstr("unsupported protocol"));
  EXPECT_THAT(RefusalOf({.files = &files, .protocols = "\x08http/1.1"}, *funding),
              HasSubstr("no application protocol"));
  const auto server = funding->Accept();
  std::string plain;
  EXPECT_FALSE(server->Receive("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", plain)) << "without TLS";
}

TEST_F(TlsTest, AnotherAuthorityIsNobodys) {
  const TestAuthority other(Folder("other"));
  const auto funding = Make("services/funding");
  const Files files = other.Issue("gateway", "services/gateway");
  EXPECT_THAT(RefusalOf({.files = &files}, *funding), HasSubstr("certificate signature failure"));
  const auto forged = Load(other.Issue("funding", "services/funding"), "services/funding");
  const auto gateway = Make("services/gateway");
  const Pair pair(gateway->Connect("services/funding"), forged->Accept());
  EXPECT_FALSE(pair.established());
  EXPECT_THAT(pair.client->error(), HasSubstr("certificate signature failure"));
}

TEST_F(TlsTest, AClientTalksToNobodyButWhomItMeans) {
  const auto gateway = Make("services/gateway"), trainings = Make("services/trainings");
  const Pair pair(gateway->Connect("services/funding"), trainings->Accept());
  EXPECT_FALSE(pair.established());
  EXPECT_EQ(pair.client->error(), "the peer is services/trainings and not services/funding");
}

// ---- files

TEST_F(TlsTest, AProgramDoesNotStartWithFilesThatDoNotFit) {
  const Files gateway = authority_.Issue("gateway", "services/gateway");
  const Files funding = authority_.Issue("funding", "services/funding");
  const std::string missing = Folder("missing.pem").string();
  const struct {
    Files files;
    const char* message;
  } unfit[] = {
      {{missing, gateway.key, gateway.authority}, "No such file"},
      {{gateway.certificate, missing, gateway.authority}, "No such file"},
      {{gateway.certificate, gateway.key, missing}, "No such file"},
      {{gateway.certificate, funding.key, gateway.authority}, "key values mismatch"},
      {{gateway.key, gateway.key, gateway.authority}, "cannot be used"},
      {funding, "is that of services/funding; this is services/gateway"},
  };
  for (const auto& each : unfit) {
    EXPECT_THAT(Credentials::Load(each.files, "services/gateway").status(),
                HasMessage(HasSubstr(each.message)));
  }
}

TEST_F(TlsTest, NewFilesServeTheNextConnectionAndOldConnectionsGoOn) {
  const auto gateway = Make("services/gateway"), funding = Make("services/funding");
  Pair old(gateway->Connect("services/funding"), funding->Accept());
  const absl::Time before = funding->expire_time();
  authority_.Issue("funding", {.names = {"URI:mostove://services/funding"},
                               .end = absl::Now() + absl::Hours(20)});
  EXPECT_TRUE(Pair(gateway->Connect("services/funding"), funding->Accept()).established());
  EXPECT_GT(funding->expire_time(), before + absl::Hours(18));
  EXPECT_EQ(old.Say(*old.client, *old.server, "still here"), "still here");
}

TEST_F(TlsTest, FilesThatDoNotFitTogetherChangeNothing) {
  const auto gateway = Make("services/gateway"), funding = Make("services/funding");
  const Files other = authority_.Issue("other", "services/funding");
  std::filesystem::rename(other.key, Folder("ours") / "funding.key");
  EXPECT_TRUE(Pair(gateway->Connect("services/funding"), funding->Accept()).established());
  std::filesystem::rename(other.certificate, Folder("ours") / "funding.pem");
  EXPECT_TRUE(Pair(gateway->Connect("services/funding"), funding->Accept()).established());
  std::filesystem::remove(Folder("ours") / "funding.pem");
  EXPECT_TRUE(Pair(gateway->Connect("services/funding"), funding->Accept()).established());
}

}  // namespace
}  // namespace mostove::tls
