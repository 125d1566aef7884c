// What the completion queues of server and client give back. Private to them.
#pragma once

namespace mostove::rpc {

// Given back when an operation has ended.
class Tag {
 public:
  virtual void Complete(bool ok) = 0;

 protected:
  ~Tag() = default;
};

// Calls a member function of its owner.
template <class Owner>
class MemberTag : public Tag {
 public:
  MemberTag(Owner* owner, void (Owner::*function)(bool)) : owner_(owner), function_(function) {}
  void Complete(bool ok) override { (owner_->*function_)(ok); }

 private:
  Owner* const owner_;
  void (Owner::*const function_)(bool);
};

}  // namespace mostove::rpc
