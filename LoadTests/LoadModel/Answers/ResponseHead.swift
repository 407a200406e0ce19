/// The status line and the two header fields that frame a response.
struct ResponseHead {
    var status = 0
    var bodyCount = 0
    var closes = false
    /// Bytes of the head, the empty line included.
    var bytesCount = 0

    static func read(_ bytes: Span<UInt8>) throws(MalformedResponse) -> ResponseHead? {
        var head = ResponseHead()
        var length: Int?
        var lineStart = 0
        var index = 0
        while index < bytes.count {
            guard index < PurchaseResponse.headBytesMax else { throw MalformedResponse("head too large") }
            guard bytes[index] == UInt8(ascii: "\n") else {
                index += 1
                continue
            }
            guard index > lineStart, bytes[index - 1] == UInt8(ascii: "\r") else { throw MalformedResponse("bare line feed") }
            let line = lineStart..<index - 1
            index += 1
            if lineStart == 0 {
                head.status = try status(bytes, line)
            } else if line.isEmpty {
                guard let length else { throw MalformedResponse("no Content-Length") }
                head.bodyCount = length
                head.bytesCount = index
                return head
            } else if bytes.has("content-length:", at: line) {
                guard length == nil else { throw MalformedResponse("two lengths") }
                length = try number(bytes, bytes.trimmed(line.lowerBound + 15..<line.upperBound))
            } else if bytes.has("transfer-encoding:", at: line) {
                throw MalformedResponse("transfer encoding")
            } else if bytes.has("connection: close", at: line) {
                head.closes = true
            }
            lineStart = index
        }
        return nil
    }

    private static func status(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(MalformedResponse) -> Int {
        guard line.count >= 12, bytes.has("http/1.1 ", at: line), line.count == 12 || bytes[line.lowerBound + 12] == UInt8(ascii: " ") else {
            throw MalformedResponse("status line")
        }
        let status = try number(bytes, line.lowerBound + 9..<line.lowerBound + 12)
        guard (200...599).contains(status), status != 204, status != 304 else { throw MalformedResponse("status \(status)") }
        return status
    }

    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(MalformedResponse) -> Int {
        guard (1...7).contains(range.count) else { throw MalformedResponse("number") }
        var value = 0
        for index in range {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { throw MalformedResponse("number") }
            value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        guard value <= PurchaseResponse.bodyBytesMax else { throw MalformedResponse("body too large") }
        return value
    }
}

extension Span<UInt8> {
    /// Whether `range` begins with `text`, which is lower-case; case is ignored.
    fileprivate func has(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count >= text.utf8CodeUnitCount else { return false }
        // Lives as long as the program.
        return text.withUTF8Buffer { expected in
            for offset in expected.indices {
                var byte = self[range.lowerBound + offset]
                if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) { byte |= 0x20 }
                if unsafe byte != expected[offset] { return false }
            }
            return true
        }
    }

    fileprivate func trimmed(_ range: Range<Int>) -> Range<Int> {
        var range = range
        while let first = range.first, self[first] == UInt8(ascii: " ") || self[first] == UInt8(ascii: "\t") { range.removeFirst() }
        while let last = range.last, self[last] == UInt8(ascii: " ") || self[last] == UInt8(ascii: "\t") { range.removeLast() }
        return range
    }
}
