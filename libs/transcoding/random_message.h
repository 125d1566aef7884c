// Random messages of any type, for property tests.
#pragma once

#include <random>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace mostove::transcoding {

// Fills messages by reflection so that every value has a JSON form: times in
// range, known enum numbers, UTF-8 without NUL, finite numbers in Values.
class RandomMessage {
 public:
  explicit RandomMessage(uint32_t seed) : random_(seed) {}

  void Fill(google::protobuf::Message& message, int depth_max = 4);

 private:
  void FillField(const google::protobuf::FieldDescriptor& field, google::protobuf::Message& message,
                 int depth_max);
  void AddKeyed(const google::protobuf::FieldDescriptor& field, google::protobuf::Message& message,
                int depth_max);
  bool FillWellKnown(google::protobuf::Message& message, int depth_max);

  int64_t Below(int64_t bound) { return static_cast<int64_t>(random_() % bound); }
  uint64_t Bits();
  double Real();
  std::string Text();
  std::string Bytes();

  std::mt19937_64 random_;
};

}  // namespace mostove::transcoding
