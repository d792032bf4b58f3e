// The deadlines of many calls behind one timer. Adding a deadline that is not before the latest one, the usual case, and removing
// one cost no search and no allocation.
//
// Thread: one thread. Owner: entries belong to the calls and outlive their membership.
#pragma once

#include <boost/intrusive/set.hpp>
#include <optional>

#include "common/base/clock.h"

namespace tusk::rpc {

class DeadlineQueue {
 public:
  class Entry : public boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>> {
   public:
    TimePoint at() const { return at_; }

   private:
    friend class DeadlineQueue;
    TimePoint at_;
  };

  void Add(Entry& entry, TimePoint at);
  void Remove(Entry& entry);  // nothing happens when it is not in the queue
  std::optional<TimePoint> earliest() const;
  // Removes and returns the earliest entry that is due, null when there is none.
  Entry* PopDue(TimePoint now);

 private:
  struct Earlier {
    bool operator()(const Entry& a, const Entry& b) const { return a.at_ < b.at_; }
  };
  boost::intrusive::multiset<Entry, boost::intrusive::compare<Earlier>, boost::intrusive::constant_time_size<false>> entries_;
};

}  // namespace tusk::rpc
