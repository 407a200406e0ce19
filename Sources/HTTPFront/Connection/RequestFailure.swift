import NIOCore
import NIOHTTP1
import SaleService

/// Why a request is not handed on, or not waited for any longer. Told down the pipeline as an error
/// to whoever writes the answer, which is the connection's last.
enum RequestFailure: Error, Equatable {
    /// The bytes are no request of HTTP/1.1 that can be read in only one way.
    case unreadable(HTTPParserError)
    /// The start of the request says another version.
    case version
    /// A well-formed method that this service knows nothing of.
    case method
    /// The request did not come to its end in time.
    case requestTooSlow
    /// The answer did not come to its end in time.
    case answerTooSlow

    var problem: Problem {
        switch self {
        case .unreadable(.headerOverflow): Problem(.headersTooLarge)
        case .unreadable(let error):
            Problem(.malformedRequest, detail: "The request is not HTTP/1.1 as this service reads it: \(error).")
        case .version: Problem(.versionNotSupported)
        case .method: Problem(.methodNotImplemented)
        case .requestTooSlow: Problem(.malformedRequest, detail: "The request did not come to its end in time.")
        case .answerTooSlow: Problem(.overloaded, detail: "The answer was not there in time.", retryAfterSeconds: 1)
        }
    }
}

extension RequestFailure {
    /// - Parameter line: bytes that begin with the request's first line, when they are known: only
    ///   they tell an unknown method from noise, and another version from none.
    init(_ error: HTTPParserError, line: ByteBuffer) {
        let bytes = line.readableBytesView
        switch error {
        case .invalidMethod:
            let method = bytes.prefix { $0 != UInt8(ascii: " ") }
            let isMethod = (1...20).contains(method.count) && method.count < bytes.count && method.allSatisfy(Self.isLetter)
            self = isMethod ? .method : .unreadable(error)
        case .invalidVersion:
            let line = bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
            let version = line.suffix(8)
            // A line that ends with a bare line feed, or goes on behind a version of ours, is no
            // line of another version.
            let hasNumber =
                version.count == 8 && version.starts(with: "HTTP/".utf8) && version.suffix(3).allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
                && !version.elementsEqual("HTTP/1.1".utf8) && !version.elementsEqual("HTTP/1.0".utf8)
                && bytes.dropFirst(line.count).first == UInt8(ascii: "\r")
            self = hasNumber ? .version : .unreadable(error)
        default: self = .unreadable(error)
        }
    }

    /// Whether more of the first line decides what `error` is: the decoder fails at the first byte
    /// that cannot be right, and how much of the line was there by then depends on the pieces in
    /// which it came.
    static func isOpen(_ error: HTTPParserError, line: ByteBuffer) -> Bool {
        let bytes = line.readableBytesView
        switch error {
        case .invalidMethod: return !bytes.isEmpty && bytes.count <= 20 && bytes.allSatisfy(isLetter)
        case .invalidVersion:
            return !bytes.isEmpty && bytes.count <= Limits.headerBytesMax && !bytes.contains(UInt8(ascii: "\r"))
                && !bytes.contains(UInt8(ascii: "\n"))
        default: return false
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & ~0x20)
    }
}
