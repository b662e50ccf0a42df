// What a signal interrupted, machine by machine.
#include <sys/uio.h>
#include <unistd.h>

#include "gyre/server/raw_text.h"
#include "gyre/server/thread_reports.h"

namespace gyre::server {

#if defined(__x86_64__)

namespace {

struct Register {
  const char* name;
  int index;
};
constexpr Register kRegisters[] = {
    {"RAX", REG_RAX}, {"RBX", REG_RBX}, {"RCX", REG_RCX}, {"RDX", REG_RDX}, {"RDI", REG_RDI},
    {"RSI", REG_RSI}, {"RBP", REG_RBP}, {"RSP", REG_RSP}, {"R8 ", REG_R8},  {"R9 ", REG_R9},
    {"R10", REG_R10}, {"R11", REG_R11}, {"R12", REG_R12}, {"R13", REG_R13}, {"R14", REG_R14},
    {"R15", REG_R15}, {"RIP", REG_RIP}, {"EFL", REG_EFL},
};

}  // namespace

void* interrupted_instruction(const ucontext_t* context) {
  return context ? reinterpret_cast<void*>(context->uc_mcontext.gregs[REG_RIP]) : nullptr;
}

void undo_call(ucontext_t* context) {
  greg_t* registers = context->uc_mcontext.gregs;
  // Through the kernel, because the stack pointer may be anything.
  uintptr_t returns_to = 0;
  const iovec here{&returns_to, sizeof(returns_to)};
  const iovec there{reinterpret_cast<void*>(registers[REG_RSP]), sizeof(returns_to)};
  if (::process_vm_readv(::getpid(), &here, 1, &there, 1, 0) != sizeof(returns_to)) return;
  registers[REG_RIP] = static_cast<greg_t>(returns_to);
  registers[REG_RSP] += static_cast<greg_t>(sizeof(returns_to));
}

void write_registers(const ucontext_t* context) {
  constexpr int kPerLine = 4;
  RawText out;
  out.text("\n------ REGISTERS ------\n");
  int n = 0;
  for (const Register& r : kRegisters) {
    out.text(r.name).text(":").hex(static_cast<uint64_t>(context->uc_mcontext.gregs[r.index]), 16);
    out.text(++n % kPerLine == 0 ? "\n" : " ");
  }
  if (n % kPerLine != 0) out.text("\n");
}

#elif defined(__aarch64__)

void* interrupted_instruction(const ucontext_t* context) {
  return context ? reinterpret_cast<void*>(context->uc_mcontext.pc) : nullptr;
}

void undo_call(ucontext_t* context) { context->uc_mcontext.pc = context->uc_mcontext.regs[30]; }

void write_registers(const ucontext_t* context) {
  constexpr int kRegisters = 31, kPerLine = 4;
  RawText out;
  out.text("\n------ REGISTERS ------\n");
  for (int i = 0; i < kRegisters; ++i) {
    out.text("X").decimal(i).text(":").hex(context->uc_mcontext.regs[i], 16);
    out.text(i % kPerLine == kPerLine - 1 ? "\n" : " ");
  }
  out.text("\nSP:").hex(context->uc_mcontext.sp, 16).text(" PC:").hex(context->uc_mcontext.pc, 16).text("\n");
}

#else

void* interrupted_instruction(const ucontext_t* /*context*/) { return nullptr; }
void undo_call(ucontext_t* /*context*/) {}
void write_registers(const ucontext_t* /*context*/) {}

#endif

}  // namespace gyre::server
