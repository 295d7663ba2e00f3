// SPDX-License-Identifier: MIT

// A look at a library before it is loaded: is it a regular file, and can all of its
// segments be read? The loader silently maps a file that is cut short, and the process is
// killed by SIGBUS when it touches the missing part.
//
// A file system that doesn't answer is waited for here as well, while the rest of the
// plugin can go on. In dlopen it can't: the loader holds a lock that new threads need.

#define _FILE_OFFSET_BITS 64 // files on file systems with 64-bit inodes
#define _GNU_SOURCE

#include "binding.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum library read_all(int fd, off_t at, size_t size)
{
	char buffer[1 << 14];

	while (size > 0) {
		ssize_t n = pread(fd, buffer, size < sizeof(buffer) ? size : sizeof(buffer), at);

		if (n <= 0)
			return n < 0 ? LIBRARY_MISSING : LIBRARY_CUT_SHORT;
		at += n;
		size -= n;
	}
	return LIBRARY_TRY;
}

static enum library read_segments(int fd, const ElfW(Ehdr) *header)
{
	for (unsigned i = 0; i < header->e_phnum; i++) {
		ElfW(Phdr) segment;
		off_t at = header->e_phoff + (off_t)i * header->e_phentsize;

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			return LIBRARY_CUT_SHORT;
		if (segment.p_type != PT_LOAD)
			continue;
		enum library found = read_all(fd, segment.p_offset, segment.p_filesz);
		if (found != LIBRARY_TRY)
			return found;
	}
	return LIBRARY_TRY;
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
	return read_segments(fd, &header);
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

static int is_libc(struct dl_phdr_info *info, size_t size, void *file)
{
	const char *name = strrchr(info->dlpi_name, '/');

	(void)size;
	if (!name || (strncmp(name, "/libc.", 6) != 0 && strncmp(name, "/ld-musl-", 9) != 0))
		return 0;
	*(const char **)file = info->dlpi_name;
	return 1;
}

const char *libc_file(void)
{
	const char *file = "";

	dl_iterate_phdr(is_libc, &file);
	return file;
}
