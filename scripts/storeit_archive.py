#!/usr/bin/env python3
"""Reads .storeit archives without StoreIT: a second reader, written from docs/archive-format.md alone.

    storeit_archive.py ARCHIVE...                read each to its end; print what is in it and its digest
    storeit_archive.py --rows TABLE ARCHIVE      print the rows of a table, one JSON object a line
    storeit_archive.py --images FOLDER ARCHIVE   write the photos into a folder

Exit code 0; 1 when an archive is damaged or none; 2 for wrong usage. Python 3.8 or newer and, below Python 3.14, the library zstandard or
the program zstd. It keeps one row in memory, and checks what the specification calls damage and the rows one by one; what rows say of
each other, and how large an archive may be, it does not check.
"""

import argparse
import codecs
import datetime
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import zlib
from decimal import Decimal

# Columns of schema 2 by table; a photo's thumbnail_key and large_key, all that schema 1 lacks, are no part of the digest. Types: u UUID,
# t text, b boolean, i 32-bit integer, r real, z time, l list of strings, j free JSON, or the texts allowed. ? = may be null or absent.
TABLES = {
    'users': 'id:u external_id:t email:t display_name:t is_admin:b created_at:z updated_at:z _password_hash:t?',
    'groups': 'id:u name:t created_at:z updated_at:z',
    'memberships': 'user_id:u group_id:u role:owner|member',
    'settings': 'key:t value:t',
    'locations': 'id:u group_id:u parent_id:u? name:t description:t? latitude:r? longitude:r? created_at:z updated_at:z',
    'containers': 'id:u group_id:u parent_location_id:u? parent_container_id:u? name:t description:t? color:t? created_at:z updated_at:z',
    'items': 'id:u group_id:u container_id:u? location_id:u? name:t description:t? aliases:l keywords:l category:t? barcode:t? '
             'material:t? color:t? condition_notes:t? quantity:i ai_raw:j? created_at:z updated_at:z',
    'photos': 'id:u entity_type:location|container|item entity_id:u storage_key:t mime_type:t is_primary:b rotation:i created_at:z',
    'nfc_tags': 'id:u group_id:u tag_uri:t entity_type:location|container? entity_id:u? created_at:z assigned_at:z?',
}
NEWEST_SCHEMA = 2
ONE_PARENT = {'containers': ('parent_location_id', 'parent_container_id'), 'items': ('container_id', 'location_id')}
IMAGE_KEYS = ('storage_key', 'thumbnail_key', 'large_key', '_thumbnail_key', '_large_key')
DEFAULT_GROUP = '00000000-0000-0000-0000-000000000001'

ENDING = r'\.(?:webp|jpg|png|gif|heic|bin)'
HASHED_IMAGE = re.compile(r'([0-9a-f]{2})/(\1[0-9a-f]{62})' + ENDING)
OTHER_IMAGE = re.compile(r'([0-9a-f]{2})/\1[0-9a-f]{62}_thumb\.webp|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?:_thumb\.webp|' + ENDING + ')')
FOLDER = re.compile(r'(?:\.|(?:backup/(?:data/|images/(?:[0-9a-f]{2}/)?|extensions/.*)?)?)')
HEX32 = re.compile(r'[0-9a-f]{32}')
HYPHENS = re.compile(r'[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}')
TIME = re.compile(r'([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))')


class ArchiveError(Exception):
    """This archive cannot be used; says why."""


# ---- Compression

class Unpacked:
    """What a file unpacks to, read forwards; knows zstd and gzip by their first bytes."""

    def __init__(self, file):
        magic = int.from_bytes(file.peek(4)[:4], 'little')
        if magic == 0xfd2fb528 or magic & 0xfffffff0 == 0x184d2a50:
            self.parts = self.zstd(file)
        elif magic & 0xffff == 0x8b1f:
            self.parts = frames(file, lambda: zlib.decompressobj(31), single=True)
        else:
            raise ArchiveError('neither zstd nor gzip')
        self.rest = b''

    @staticmethod
    def zstd(file):
        try:
            from compression import zstd
            options = {zstd.DecompressionParameter.window_log_max: 27}
            return frames(file, lambda: zstd.ZstdDecompressor(options=options))
        except ImportError:
            pass
        try:
            import zstandard
            return frames(file, lambda: zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj())
        except ImportError:
            return program(file)

    def read(self, count):
        """Exactly so many bytes; fewer only at the end."""
        parts, size = [self.rest], len(self.rest)
        while size < count:
            part = next(self.parts, None)
            if part is None:
                break
            parts.append(part)
            size += len(part)
        whole = b''.join(parts)
        self.rest = whole[count:]
        return whole[:count]


def frames(file, new, single=False):
    decoder, data = new(), file.read(1 << 14)
    try:
        while data:
            yield decoder.decompress(data)
            data = decoder.unused_data if decoder.eof else b''
            data = data or file.read(1 << 14)
            if decoder.eof and data:
                if single:
                    raise ArchiveError('has data after its end')
                decoder = new()
    except ArchiveError:
        raise
    except Exception as e:  # Every library has exceptions of its own.
        raise ArchiveError('damaged: %s' % e)
    if not decoder.eof:
        raise ArchiveError('cut off')


def program(file):
    file.raw.seek(0)  # The first bytes were looked at.
    try:
        zstd = subprocess.Popen(['zstd', '-dcq', '--long=27'], stdin=file.raw, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError:
        sys.exit('To read zstd this needs Python 3.14, the library zstandard (pip install zstandard) or the program zstd.')
    with zstd:
        for part in iter(lambda: zstd.stdout.read(1 << 17), b''):
            yield part
        complaint = zstd.stderr.read().decode('utf-8', 'replace').strip()
    if zstd.returncode != 0:
        raise ArchiveError('damaged: %s' % complaint)


# ---- Tar

class Content:
    """The bytes of one entry."""

    def __init__(self, stream, name, size):
        self.stream, self.name, self.left, self.padding = stream, name, size, -size % 512

    def read(self, count=1 << 17):
        data = self.stream.read(min(count, self.left))
        self.left -= len(data)
        if self.left and not data:
            raise ArchiveError('cut off in ' + self.name)
        return data

    def end(self):
        while self.read():
            pass
        self.stream.read(self.padding)


def entries(stream):
    """Name and content of every file, names as documented, each once."""
    seen, pax, long_name = set(), {}, None
    while True:
        block = stream.read(512)
        if not block.strip(b'\0'):
            break
        if len(block) < 512 or number(block[148:156]) != sum(block[:148]) + 256 + sum(block[156:]):
            raise ArchiveError('damaged: a tar header has a wrong checksum')
        size, kind = number(block[124:136]), block[156:157]
        name = text(block[0:100])
        if block[257:263] == b'ustar\0' and block[345]:
            name = text(block[345:500]) + '/' + name
        if kind in b'xgL':  # What these say holds for the next entry.
            if size > 1 << 20:
                raise ArchiveError('has a header of more than 1 MiB')
            extended = Content(stream, 'a header', size)
            data = extended.read(size)
            extended.end()
            if kind == b'L':
                long_name = text(data)
            elif kind == b'x':
                pax = pax_header(data)
            continue
        name, size = pax.get('path', long_name or name), int(pax.get('size', size))
        pax, long_name = {}, None
        name = name[2:] if name.startswith('./') else name
        if name.startswith('/') or '\\' in name or '..' in name.split('/'):
            raise ArchiveError('has an entry with the name %r' % name)
        if kind == b'5' and size == 0 and FOLDER.fullmatch(name if name in ('', '.') else name.rstrip('/') + '/'):
            continue
        if kind not in (b'0', b'\0'):
            raise ArchiveError('entry %r is no regular file' % name)
        content = Content(stream, name, size)
        if not name.startswith('backup/extensions/'):
            if name in seen:
                raise ArchiveError('entry %r occurs twice' % name)
            seen.add(name)
            yield name, content
        content.end()
    while block:
        if block.strip(b'\0'):
            raise ArchiveError('has data after its end')
        block = stream.read(1 << 16)
    if not seen:
        raise ArchiveError('empty')


def number(field):
    """Octal digits, or, when the first bit is set, a big-endian number in the rest."""
    try:
        return int.from_bytes(field, 'big') & ((1 << 8 * len(field) - 1) - 1) if field[0] & 128 else int(field.strip(b' \0') or b'0', 8)
    except ValueError:
        raise ArchiveError('damaged: a tar header has no number where one belongs')


def text(field):
    try:
        return field.split(b'\0')[0].decode()
    except UnicodeDecodeError:
        raise ArchiveError('has a name that is not UTF-8')


def pax_header(data):
    """Records `<length> <key>=<value>\\n`."""
    found = {}
    while data:
        length = int(data.split(b' ', 1)[0])
        key, _, value = data[:length].split(b' ', 1)[1].partition(b'=')
        found[key.decode()] = value[:-1].decode()
        data = data[length:]
    if any(key.startswith('GNU.sparse') for key in found):
        raise ArchiveError('has a sparse file')
    return found


# ---- JSON

def once(members):
    found = dict(members)
    if len(found) != len(members):
        raise ArchiveError('has a key twice')
    return found


def refuse(constant):
    raise ArchiveError('has %s for a number' % constant)


JSON = json.JSONDecoder(parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)
BLANK = re.compile(r'[ \t\r\n]*')


def elements(content):
    """The elements of a JSON array, one at a time."""
    utf8, buffer, at, started = codecs.getincrementaldecoder('utf-8')(), '', 0, False

    def more():
        nonlocal buffer, at
        data = content.read()
        buffer, at = buffer[at:] + utf8.decode(data, final=not data), 0
        return bool(data)

    def mark():
        """The next character that is no blank; '' at the end."""
        nonlocal at
        while True:
            at = BLANK.match(buffer, at).end()
            if at < len(buffer):
                return buffer[at]
            if not more():
                return ''

    def expect(marks):
        nonlocal at
        found = mark()
        if not found or found not in marks:
            raise ArchiveError('is no list, or it ends too early')
        at += 1
        return found

    expect('[')
    while True:
        if mark() == ']' and not started:
            break
        while True:
            try:
                element, end = JSON.raw_decode(buffer, at)
                break
            except json.JSONDecodeError as e:
                if not more():
                    raise ArchiveError('is not valid JSON: %s' % e.msg)
        at, started = end, True
        if not isinstance(element, (dict, list)):
            raise ArchiveError('holds something that is no row')
        yield element
        if expect(',]') == ']':
            at -= 1
            break
    at += 1
    if mark():
        raise ArchiveError('has data after its last row')


# ---- Values

def uuid(value):
    bare = value.lower() if isinstance(value, str) else ''
    if value and value.startswith('urn:uuid:'):
        bare = bare[9:]
    elif HEX32.fullmatch(bare):
        bare = '-'.join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
    elif len(bare) == 38 and bare[0] + bare[-1] == '{}':
        bare = bare[1:-1]
    return bare if HYPHENS.fullmatch(bare) else None


def milliseconds(value):
    """Milliseconds since 1970 in UTC, or None. Years 0000 to 9999; second 60 is the first of the next minute."""
    found = TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    offset_hours, offset_minutes = int(found.group(9) or 0), int(found.group(10) or 0)
    if hour > 23 or minute > 59 or second > 60 or offset_hours > 23 or offset_minutes > 59:
        return None
    try:  # Python has no year 0; every 400 years have the same days.
        days = datetime.date(year % 400 + 400, month, day).toordinal() + (year // 400 - 1) * 146097 - 719163
    except ValueError:
        return None
    offset = (offset_hours * 60 + offset_minutes) * (-1 if found.group(8) == '-' else 1)
    millis = (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + int(((found.group(7) or '') + '000')[:3])
    return millis if -62167219200000 <= millis <= 253402300799999 else None


def checked(value, kind):
    """The value, an id in its one spelling; None when it is not of this type."""
    if kind == 'u':
        return uuid(value)
    if kind == 'j':
        return value
    good = (milliseconds(value) is not None if kind == 'z' else
            isinstance(value, bool) if kind == 'b' else
            isinstance(value, int) and not isinstance(value, bool) and -2**31 <= value < 2**31 if kind == 'i' else
            isinstance(value, (int, Decimal)) and not isinstance(value, bool) and abs(float(value)) != float('inf') if kind == 'r' else
            isinstance(value, list) and all(isinstance(element, str) for element in value) if kind == 'l' else
            isinstance(value, str) and (kind == 't' or value in kind.split('|')))
    return value if good else None


def image_key(key):
    return HASHED_IMAGE.fullmatch(key) or OTHER_IMAGE.fullmatch(key)


# ---- Digest

def string(value):
    data = value.encode()  # Half a surrogate pair raises.
    return struct.pack('>I', len(data)) + data


def exact(value):
    sign, digits, exponent = Decimal(value).as_tuple()
    whole = ''.join(map(str, digits)).lstrip('0')
    bare = whole.rstrip('0')
    return ('-' if sign else '') + bare + 'e' + str(exponent + len(whole) - len(bare)) if bare else '0e0'


def free_json(value):
    if value is None:
        return b'n'
    if isinstance(value, bool):
        return b't' if value else b'f'
    if isinstance(value, str):
        return b's' + string(value)
    if isinstance(value, list):
        return b'a' + struct.pack('>I', len(value)) + b''.join(map(free_json, value))
    if isinstance(value, dict):
        members = sorted((name.encode(), name) for name in value)
        return b'o' + struct.pack('>I', len(value)) + b''.join(string(name) + free_json(value[name]) for _, name in members)
    return b'd' + string(exact(value))


def canonical(value, kind):
    if kind == 'b':
        return b't' if value else b'f'
    if kind == 'i':
        return b'i' + struct.pack('>q', value)
    if kind == 'r':
        return b'r' + struct.pack('>d', float(value) + 0.0)
    if kind == 'z':
        return b'z' + struct.pack('>q', milliseconds(value))
    if kind == 'l':
        return b'l' + struct.pack('>I', len(value)) + b''.join(map(string, value))
    if kind == 'j':
        return b'j' + free_json(value)
    return b's' + string(value)


class Digest:
    """Of the rows given to add(), in any order."""

    def __init__(self):
        self.rows, self.sums = dict.fromkeys(TABLES, 0), dict.fromkeys(TABLES, 0)
        self.seeded_group, self.default_group_used = None, False

    def add(self, table, row):
        if table == 'settings' and row['key'] == 'image_storage_path':
            return
        self.default_group_used |= row.get('group_id') == DEFAULT_GROUP
        data = b''.join(string(key) + canonical(row[key], kind) for key, kind, _ in sorted(COLUMNS[table]) if row.get(key) is not None)
        value = int.from_bytes(hashlib.sha256(data).digest(), 'big')
        if table == 'groups' and row['id'] == DEFAULT_GROUP and row['name'] == 'default':
            self.seeded_group = value
        else:
            self.count(table, value)

    def count(self, table, value):
        self.rows[table] += 1
        self.sums[table] = (self.sums[table] + value) % 2**256

    def value(self):
        """To be asked once, after the last row."""
        if self.default_group_used and self.seeded_group is not None:
            self.count('groups', self.seeded_group)
        lines = ''.join('%s %d %064x\n' % (table, self.rows[table], self.sums[table]) for table in TABLES)
        return hashlib.sha256(lines.encode()).hexdigest()


COLUMNS = {table: [(key, kind.rstrip('?'), kind.endswith('?')) for key, kind in (column.split(':') for column in columns.split())]
           for table, columns in TABLES.items()}


# ---- Archives

class Archive:
    """One archive. Rows come as they are, but for ids in their one spelling."""

    def __init__(self, path):
        self.path = path
        self.manifest = self._manifest()
        self.format = self.manifest.get('format_version', self.manifest.get('version', 1))
        schema = self.manifest.get('schema_version')
        self.schema = schema if isinstance(schema, int) else 1
        self.has_images = self.manifest.get('includes_images') is True
        if self.format not in (1, 2):
            raise ArchiveError('unknown archive format %r' % self.format)
        if not 1 <= self.schema <= NEWEST_SCHEMA:
            raise ArchiveError('has schema version %d; this reader knows 1 to %d' % (self.schema, NEWEST_SCHEMA))

    def _manifest(self):
        with open(self.path, 'rb') as file:
            for name, content in entries(Unpacked(file)):
                if name == 'backup/manifest.json':
                    found = JSON.decode(content.read(16 << 20).decode())
                    if isinstance(found, dict):
                        return found
        raise ArchiveError('has no backup/manifest.json')

    def read(self, row=None, image=None):
        """Reads everything, calls row(table, row) and image(key, content) as they come, and returns counts, images and digest."""
        counts, digest, images, missing = {}, Digest(), 0, set(TABLES)
        with open(self.path, 'rb') as file:
            for name, content in entries(Unpacked(file)):
                _, _, rest = name.partition('/')
                table = rest[5:-5] if rest.startswith('data/') and rest.endswith('.json') else None
                if table in TABLES:
                    missing.remove(table)
                    counts[table] = 0
                    for element in elements(content):
                        counts[table] += 1
                        try:
                            good = self._row(table, element)
                            digest.add(table, good)
                        except (ArchiveError, UnicodeEncodeError) as e:
                            raise ArchiveError('%s.json: row %d: %s' % (table, counts[table], e))
                        if row:
                            row(table, good)
                elif rest.startswith('images/') and image_key(rest[7:]):
                    if self.has_images:
                        images += 1
                        self._image(rest[7:], content, image)
                elif name != 'backup/manifest.json':
                    raise ArchiveError('unexpected entry %r' % name)
        if missing:
            raise ArchiveError('has no backup/data/%s.json' % sorted(missing)[0])
        for table, count in (self.manifest.get('counts') or {}).items():
            if counts.get(table, count) != count:
                raise ArchiveError('%s.json: has %d rows, but the manifest says %d' % (table, counts[table], count))
        value, stated = digest.value(), self.manifest.get('digest') or {}
        if (stated.get('version'), stated.get('schema_version')) == (1, self.schema) and stated.get('value') != value:
            raise ArchiveError('the content does not match the digest in the manifest')
        return counts, images, value

    @staticmethod
    def _row(table, element):
        if table == 'settings':
            if not isinstance(element, list) or len(element) != 2:
                raise ArchiveError('must be a list of two strings')
            element = dict(zip(('key', 'value'), element))
        elif not isinstance(element, dict):
            raise ArchiveError('must be an object')
        for key, kind, nullable in COLUMNS[table]:
            value = element.get(key)
            if value is not None:
                element[key] = checked(value, kind)
            if element.get(key) is None and not (nullable and value is None):
                raise ArchiveError('%s is missing or of another type' % key)
        if table in ONE_PARENT and sum(element.get(key) is not None for key in ONE_PARENT[table]) != 1:
            raise ArchiveError('must have exactly one of %s and %s' % ONE_PARENT[table])
        for key in IMAGE_KEYS if table == 'photos' else ():
            if isinstance(element.get(key), str) and not image_key(element[key]):
                raise ArchiveError('%s is not a valid image file name' % key)
        return element

    @staticmethod
    def _image(key, content, image):
        sha256, read = hashlib.sha256(), content.read

        def hashed(count=1 << 17):
            data = read(count)
            sha256.update(data)
            return data

        content.read = hashed
        if image:
            image(key, content)
        while content.read():
            pass
        expected = HASHED_IMAGE.fullmatch(key)
        if expected and expected.group(2) != sha256.hexdigest():
            raise ArchiveError('images/%s: the bytes do not match the SHA-256 in the name' % key)


def main():
    parser = argparse.ArgumentParser(description='Reads .storeit archives.')
    parser.add_argument('archives', metavar='ARCHIVE', nargs='+')
    parser.add_argument('--rows', metavar='TABLE', choices=list(TABLES), help='print the rows of a table, one JSON object a line')
    parser.add_argument('--images', metavar='FOLDER', help='write the photos into a folder')
    arguments = parser.parse_args()

    def print_row(table, row):
        if table == arguments.rows:
            # Numbers of free JSON beyond a double's digits are printed as a double.
            print(json.dumps(row, ensure_ascii=False, default=float))

    def write_image(key, content):
        path = os.path.join(arguments.images, *key.split('/'))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'xb') as file:
            for data in iter(content.read, b''):
                file.write(data)

    failed = False
    for path in arguments.archives:
        try:
            archive = Archive(path)
            counts, images, digest = archive.read(print_row if arguments.rows else None, write_image if arguments.images else None)
        except (ArchiveError, ValueError, RecursionError, OSError) as e:
            print('%s: %s' % (path, e), file=sys.stderr)
            failed = True
            continue
        if not arguments.rows:
            print('%s: valid' % path)
            print('format %s, schema %s, written %s by %s' % (archive.format, archive.schema, archive.manifest.get('created_at'),
                                                             archive.manifest.get('app_version')))
            for table in TABLES:
                print(table, counts[table])
            print('images', str(archive.has_images).lower(), images)
            print('digest 1:' + digest)
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
