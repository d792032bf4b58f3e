#include "common/storage/sparse_bytes.h"

#include <algorithm>
#include <cstring>

namespace tusk::storage {

SparseBytes::SparseBytes(const SparseBytes& other) : pages_(other.pages_.size()), size_(other.size_) {
  for (size_t i = 0; i < pages_.size(); ++i) {
    if (other.pages_[i] != nullptr) pages_[i] = std::make_unique<Page>(*other.pages_[i]);
  }
}

SparseBytes& SparseBytes::operator=(const SparseBytes& other) {
  if (this != &other) *this = SparseBytes(other);
  return *this;
}

void SparseBytes::Resize(uint64_t size) {
  if (size < size_) {
    const size_t kept_pages = static_cast<size_t>((size + kPageBytes - 1) / kPageBytes);
    if (pages_.size() > kept_pages) pages_.resize(kept_pages);
    const size_t tail = size % kPageBytes;
    if (tail != 0 && pages_.size() == kept_pages && pages_.back() != nullptr) {
      std::memset(pages_.back()->data() + tail, 0, kPageBytes - tail);
    }
  }
  size_ = size;
}

size_t SparseBytes::Read(uint64_t offset, std::span<std::byte> out) const {
  if (offset >= size_) return 0;
  const size_t total = static_cast<size_t>(std::min<uint64_t>(out.size(), size_ - offset));
  for (size_t done = 0; done < total;) {
    const size_t page = static_cast<size_t>((offset + done) / kPageBytes);
    const size_t within = static_cast<size_t>((offset + done) % kPageBytes);
    const size_t n = std::min(total - done, kPageBytes - within);
    if (page < pages_.size() && pages_[page] != nullptr) {
      std::memcpy(out.data() + done, pages_[page]->data() + within, n);
    } else {
      std::memset(out.data() + done, 0, n);
    }
    done += n;
  }
  return total;
}

void SparseBytes::Write(uint64_t offset, std::span<const std::byte> data) {
  if (data.empty()) return;
  for (size_t done = 0; done < data.size();) {
    const size_t page = static_cast<size_t>((offset + done) / kPageBytes);
    const size_t within = static_cast<size_t>((offset + done) % kPageBytes);
    const size_t n = std::min(data.size() - done, kPageBytes - within);
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) pages_[page] = std::make_unique<Page>();
    std::memcpy(pages_[page]->data() + within, data.data() + done, n);
    done += n;
  }
  size_ = std::max<uint64_t>(size_, offset + data.size());
}

}  // namespace tusk::storage
