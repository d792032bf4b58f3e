// Boost.JSON, compiled once here; others include <boost/json.hpp> and link tusk::common_json.
#include <boost/json/src.hpp>
