// A job: a struct with Map and, if it has them, Combine and Reduce. All that a job binary includes.
//
//   struct WordCount {
//     void Map(std::string_view line, Out<std::string_view, uint64_t>& out) { for (auto word : Words(line)) out(word, 1); }
//     static uint64_t Combine(uint64_t a, uint64_t b) { return a + b; }
//     void Reduce(std::string_view word, Values<uint64_t> counts, Out<std::string_view, uint64_t>& out) { out(word, Sum(counts));
//     }
//   };
//   int main(int argc, char** argv) { return tusk::mr::Main<WordCount>(argc, argv); }
//
// Also understood: Input and Output (formats.h), kMapOnly, kWholeFiles, kTotalOrder, kReducers, Setup(Context&), EndMap(out),
// EndReduce(out), Usage() (main.h). Without Reduce: the values folded by Combine, or as they are. docs/jobs.md is the guide.
// Thread: a task makes one job object and calls it from one thread.
#pragma once

#include "mapreduce/api/context.h"
#include "mapreduce/api/formats.h"
#include "mapreduce/api/main.h"
#include "mapreduce/api/out.h"
#include "mapreduce/api/values.h"

namespace tusk::mr {

namespace job_internal {

// What the signatures of Map and Reduce say.
template <class Method>
struct MapSignature {
  static constexpr bool kValid = false;
};
template <class Job, class A, class K, class V>
struct MapSignature<void (Job::*)(A, Out<K, V>&)> {
  static constexpr bool kValid = true;
  static constexpr bool kPairs = false;
  using Argument = std::remove_cvref_t<A>;
  using Key = K;
  using Value = V;
};
template <class Job, class A, class B, class K, class V>
struct MapSignature<void (Job::*)(A, B, Out<K, V>&)> : MapSignature<void (Job::*)(A, Out<K, V>&)> {
  static constexpr bool kPairs = true;
};
template <class Job, class... T>
struct MapSignature<void (Job::*)(T...) const> : MapSignature<void (Job::*)(T...)> {};
template <class... T>
struct MapSignature<void (*)(T...)> : MapSignature<void (Nothing::*)(T...)> {};

template <class Method>
struct ReduceSignature {
  static constexpr bool kValid = false;
  using InKey = Nothing;
  using InValue = Nothing;
};
template <class Job, class A, class W, class K, class V>
struct ReduceSignature<void (Job::*)(A, Values<W>, Out<K, V>&)> {
  static constexpr bool kValid = true;
  using InKey = std::remove_cvref_t<A>;
  using InValue = W;
  using Key = K;
  using Value = V;
};
template <class Job, class A, class W, class K, class V>
struct ReduceSignature<void (Job::*)(A, Values<W>&, Out<K, V>&)> : ReduceSignature<void (Job::*)(A, Values<W>, Out<K, V>&)> {};
template <class Job, class... T>
struct ReduceSignature<void (Job::*)(T...) const> : ReduceSignature<void (Job::*)(T...)> {};
template <class... T>
struct ReduceSignature<void (*)(T...)> : ReduceSignature<void (Nothing::*)(T...)> {};

template <class Job>
concept HasMap = requires { &Job::Map; };
template <class Job>
concept HasReduce = requires { &Job::Reduce; };
template <class Job>
concept HasCombine = requires { &Job::Combine; };

template <class Job>
struct InputOf {
  using Type = TextInput;
};
template <class Job>
  requires requires { typename Job::Input; }
struct InputOf<Job> {
  using Type = typename Job::Input;
};
template <class Job>
struct OutputOf {
  using Type = TextOutput;
};
template <class Job>
  requires requires { typename Job::Output; }
struct OutputOf<Job> {
  using Type = typename Job::Output;
};

template <class Job>
consteval bool MapOnly() {
  if constexpr (requires { Job::kMapOnly; }) return Job::kMapOnly;
  return false;
}
template <class Job>
consteval bool WholeFiles() {
  if constexpr (requires { Job::kWholeFiles; }) return Job::kWholeFiles;
  return false;
}
template <class Job>
consteval bool TotalOrder() {
  if constexpr (requires { Job::kTotalOrder; }) return Job::kTotalOrder;
  return false;
}

template <class Job>
Status RunSetup(Job& job, Context& context) {
  if constexpr (requires { job.Setup(context); }) {
    if constexpr (std::is_same_v<decltype(job.Setup(context)), Status>) {
      return job.Setup(context);
    } else {
      static_assert(std::is_void_v<decltype(job.Setup(context))>, "Setup(Context&) returns void or tusk::Status.");
      job.Setup(context);
    }
  }
  return OkStatus();
}

// One sentence each, instead of a page of template errors.
template <class Job>
consteval bool Check() {
  static_assert(std::is_default_constructible_v<Job>, "A job must be default constructible: parameters come in Setup(Context&).");
  static_assert(
      HasMap<Job>,
      "A job needs one Map: void Map(std::string_view line, Out<K, V>& out). A template or overloaded Map is not found.");
  if constexpr (HasMap<Job>) {
    using Map = MapSignature<decltype(&Job::Map)>;
    static_assert(Map::kValid,
                  "Map must be void Map(std::string_view line, Out<K, V>& out); with FixedInput or TeraInput void "
                  "Map(std::string_view key, std::string_view value, Out<K, V>& out); with RowRange void Map(uint64_t row, "
                  "Out<K, V>& out).");
    if constexpr (Map::kValid) {
      using Input = typename InputOf<Job>::Type;
      static_assert(Map::kPairs == Input::kPairs && std::is_same_v<typename Map::Argument, typename Input::Key>,
                    "The arguments of Map do not fit the job's Input: TextInput gives (std::string_view line), FixedInput and "
                    "TeraInput (std::string_view key, std::string_view value), RowRange (uint64_t row).");
      if constexpr (HasCombine<Job>) {
        using V = typename Map::Value;
        static_assert(
            std::is_same_v<decltype(&Job::Combine), V (*)(V, V)>,
            "Combine must be static V Combine(V a, V b), V being the value type of Map's Out; it must be associative and "
            "commutative.");
        static_assert(!MapOnly<Job>(), "A job with kMapOnly has no use for Combine.");
      }
      if constexpr (HasReduce<Job>) {
        using Reduce = ReduceSignature<decltype(&Job::Reduce)>;
        static_assert(Reduce::kValid, "Reduce must be void Reduce(K key, Values<V> values, Out<K2, V2>& out).");
        static_assert(!Reduce::kValid || (std::is_same_v<typename Reduce::InKey, typename Map::Key> &&
                                          std::is_same_v<typename Reduce::InValue, typename Map::Value>),
                      "Reduce(K key, Values<V> values, ...) must have the key and value types of Map's Out<K, V>.");
        static_assert(!MapOnly<Job>(), "A job with kMapOnly has no use for Reduce.");
      }
    }
  }
  return true;
}

}  // namespace job_internal

// The loops over records of one job, behind the runtime's interface.
template <class Job>
class JobProgramOf final : public JobProgram {
  static_assert(job_internal::Check<Job>());
  using Map = job_internal::MapSignature<decltype(&Job::Map)>;
  using Input = typename job_internal::InputOf<Job>::Type;
  using Output = typename job_internal::OutputOf<Job>::Type;
  using K = typename Map::Key;
  using V = typename Map::Value;

 public:
  ProgramTraits traits() const override {
    ProgramTraits traits;
    traits.input = Input::kKind;
    traits.record_bytes = Input::kRecordBytes;
    traits.whole_files = job_internal::WholeFiles<Job>();
    traits.map_only = job_internal::MapOnly<Job>();
    traits.total_order = job_internal::TotalOrder<Job>();
    if constexpr (requires { Job::kReducers; }) traits.reducers = Job::kReducers;
    traits.output = Output::kFraming;
    if constexpr (job_internal::HasCombine<Job>) {
      static const CombinerOf<V, &Job::Combine> combiner;
      traits.combiner = &combiner;
    }
    return traits;
  }

  Status RunMap(MapRun& run) const override {
    Job job;
    if (Status ready = job_internal::RunSetup(job, run.context); !ready.ok()) return ready;
    Out<K, V> out(run.emitter);
    auto reader = Input::Make(run.fs, run.split, run.progress);
    while (reader.Next() && !run.emitter.failed()) {
      reader.Apply([&job, &out](auto... record) { job.Map(record..., out); });
    }
    run.counts = {reader.records(), reader.bytes()};
    if (!reader.status().ok()) return reader.status();
    if constexpr (requires { job.EndMap(out); }) job.EndMap(out);
    if constexpr (requires { job.Cleanup(run.context); }) job.Cleanup(run.context);
    return OkStatus();
  }

  Status RunReduce(ReduceRun& run) const override {
    Job job;
    if (Status ready = job_internal::RunSetup(job, run.context); !ready.ok()) return ready;
    if constexpr (job_internal::HasReduce<Job>) {
      using Reduce = job_internal::ReduceSignature<decltype(&Job::Reduce)>;
      Out<typename Reduce::Key, typename Reduce::Value> out(run.emitter);
      EachGroup(run, [&](const K& key, Values<V>& values) { job.Reduce(key, values, out); });
      if constexpr (requires { job.EndReduce(out); }) job.EndReduce(out);
    } else {
      Out<K, V> out(run.emitter);
      EachGroup(run, [&](const K& key, Values<V>& values) {
        if constexpr (job_internal::HasCombine<Job>) {
          Fold(run.groups, key, out);
        } else {
          for (const V& value : values) out(key, value);
        }
      });
    }
    if constexpr (requires { job.Cleanup(run.context); }) job.Cleanup(run.context);
    return run.groups.status();
  }

 private:
  template <class Call>
  static void EachGroup(ReduceRun& run, Call call) {
    GroupReader& groups = run.groups;
    DecodeScratch scratch;
    K key{};
    while (!run.emitter.failed() && groups.NextGroup()) {
      if (!Decode<KeyCodec, K>(groups.key(), scratch, &key)) {
        groups.Fail(Corruption("a key of map output cannot be decoded: do Map and Reduce agree about its type?"));
        return;
      }
      Values<V> values(groups);
      call(key, values);
    }
  }

  // Views of values die when the next is read: folding goes through bytes.
  static void Fold(GroupReader& groups, const K& key, Out<K, V>& out) {
    if constexpr (job_internal::HasCombine<Job>) {
      static const CombinerOf<V, &Job::Combine> combiner;
      if (!groups.NextValue()) return;
      std::string folded(groups.value());
      while (groups.NextValue()) {
        if (!combiner.Fold(&folded, groups.value())) groups.Fail(Corruption("a value of map output cannot be decoded"));
      }
      DecodeScratch scratch;
      V value{};
      if (Decode<ValueCodec, V>(folded, scratch, &value)) out(key, value);
    }
  }
};

// The whole program: client, task host and task. Several jobs run one after the other, each reading what the one before wrote.
template <class... Jobs>
int Main(int argc, char** argv) {
  static_assert(sizeof...(Jobs) > 0, "Main<Job>(argc, argv) needs a job.");
  static const std::tuple<JobProgramOf<Jobs>...> programs;
  MainParts parts;
  std::apply([&parts](const auto&... program) { (parts.stages.push_back(&program), ...); }, programs);
  using First = std::tuple_element_t<0, std::tuple<Jobs...>>;
  if constexpr (requires { First::Usage(); }) parts.usage = First::Usage();
  return RunMain(parts, argc, argv);
}

}  // namespace tusk::mr
