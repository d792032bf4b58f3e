#include "tests/simulation/planted_bugs.h"

namespace tusk::sim {
namespace {

std::string active;

bool Has(const std::string& path, std::string_view part) { return path.find(part) != std::string::npos; }
bool Ends(const std::string& path, std::string_view end) { return path.ends_with(end); }

}  // namespace

const std::vector<PlantedBug>& PlantedBugs() {
  static const std::vector<PlantedBug> bugs = {
      {"data_not_synced", "finalizing a replica does not sync its data file"},
      {"checksums_not_synced", "finalizing a replica does not sync its checksum file"},
      {"finalized_folder_not_synced", "the folder is not synced after a replica moved into it"},
      {"rbw_folder_not_synced", "hsync leaves the name of the replica to chance"},
      {"segment_not_synced", "a packed replica is acknowledged before its segment is synced"},
      {"log_not_synced", "the NameNode answers before its log is on disk"},
      {"vote_not_synced", "the log's term is told before it is on disk"},
      {"ack_before_sync", "the last packet is acknowledged before anything of the replica is synced"},
      {"hsync_ignored", "hsync answers without syncing"},
      {"two_acks_for_one", "the writer takes one ack for two packets"},
      {"recovery_cuts_too_much", "a recovery cuts the replica below the agreed length"},
      {"invalidate_newer", "an order to delete an old generation deletes the newer one"},
      {"retry_answer_forgotten", "a repeated request is executed again"},
      {"generation_not_raised", "a pipeline recovery goes on under the old generation"},
      {"pipeline_update_lost", "the end of a pipeline recovery is acknowledged and not applied"},
      {"wrong_block_length", "a finished block is recorded one byte short"},
      {"applied_index_ahead", "the applied state says one entry more than it has"},
      {"joined_crc_wrong", "the crc of a chunk that two packets share covers only the second"},
      {"checksum_header_wrong", "the checksum file's header names another block"},
      {"startup_forgets", "a restarted DataNode does not find its finalized replicas"},
      {"rename_not_done", "a rename is acknowledged without being done"},
      {"delete_not_done", "a delete is acknowledged without being done"},
      {"replica_of_wrong_bytes", "the first byte of each packet is stored wrong, with the right crc"},
  };
  return bugs;
}

void Plant(std::string_view name) { active = name; }
bool Planted(std::string_view name) { return active == name; }

bool SyncForgotten(const std::string& path, bool folder) {
  if (active.empty()) return false;
  const bool meta = Ends(path, ".meta");
  if (folder) {
    if (Planted("finalized_folder_not_synced")) return Has(path, "/finalized");
    if (Planted("rbw_folder_not_synced")) return Has(path, "/rbw");
    return false;
  }
  if (Planted("data_not_synced")) return Has(path, "/blk_") && !meta;
  if (Planted("checksums_not_synced")) return Has(path, "/blk_") && meta;
  if (Planted("segment_not_synced")) return Has(path, "/packed/");
  if (Planted("log_not_synced")) return Has(path, "/log/") && !Has(path, "/log/meta");
  if (Planted("vote_not_synced")) return Has(path, "/log/meta");
  return false;
}

}  // namespace tusk::sim
