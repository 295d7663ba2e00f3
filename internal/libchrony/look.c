// SPDX-License-Identifier: MIT

// A look at a library before it is loaded: is it a regular file, and are all of its
// segments there? The loader silently maps a file that is cut short, and the process is
// killed by SIGBUS when it touches the missing part.

#define _GNU_SOURCE

#include "binding.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_all_segments(int fd, const ElfW(Ehdr) *header, off_t size)
{
	for (unsigned i = 0; i < header->e_phnum; i++) {
		ElfW(Phdr) segment;
		off_t at = header->e_phoff + (off_t)i * header->e_phentsize;

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			return false;
		if (segment.p_type == PT_LOAD &&
		    (segment.p_filesz > (size_t)size || segment.p_offset > (size_t)size - segment.p_filesz))
			return false;
	}
	return true;
}

static enum library look_at_fd(int fd)
{
	// The ELF class of this program itself.
	const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	ElfW(Ehdr) header;
	struct stat info;

	if (fstat(fd, &info) != 0)
		return LIBRARY_MISSING;
	if (!S_ISREG(info.st_mode))
		return LIBRARY_NOT_REGULAR;
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return LIBRARY_TRY;
	if (header.e_ident[EI_CLASS] != class)
		return LIBRARY_OTHER_CLASS;
	return has_all_segments(fd, &header, info.st_size) ? LIBRARY_TRY : LIBRARY_CUT_SHORT;
}

enum library look_at_library(const char *file)
{
	// Without O_NONBLOCK a named pipe would block, and a device might act.
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return LIBRARY_MISSING;
	enum library found = look_at_fd(fd);
	close(fd);
	return found;
}
