// SPDX-License-Identifier: MIT

//go:build linux

// The ELF note that tells packaging tools which library the plugin loads at run time (UAPI
// group, "ELF dlopen metadata"): there is no DT_NEEDED entry for it.

#include <stdint.h>

#define JSON \
	"[{\"feature\":\"libchrony\"," \
	"\"description\":\"Reading chronyd through libchrony\"," \
	"\"priority\":\"recommended\"," \
	"\"soname\":[\"libchrony.so.0\"]}]"

__attribute__((used, section(".note.dlopen"), aligned(4)))
static const struct {
	uint32_t name_size, json_size, type;
	char name[4];
	char json[sizeof(JSON)] __attribute__((aligned(4)));
} dlopen_note = {sizeof("FDO"), sizeof(JSON), 0x407c0c0a, "FDO", JSON};
