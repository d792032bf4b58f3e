// The one coroutine type of the code base.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace tusk {

namespace asio = boost::asio;

// Lazily started; runs on the executor it was spawned on (a LoopThread).
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace tusk
