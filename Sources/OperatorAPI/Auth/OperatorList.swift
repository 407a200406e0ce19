import Cryptography
import SaleService

/// Who may work on the admin port, by the digests of their tokens.
package struct OperatorList: Sendable {
    private struct Entry: Sendable {
        var digest: [UInt8]
        var holder: Operator
    }

    /// A line of the file that says nothing, or the wrong thing.
    package struct BadLine: Error, Sendable, Equatable, CustomStringConvertible {
        /// Counted from 1.
        package var line: Int
        package var reason: String

        package var description: String { "line \(line): \(reason)" }
    }

    private let entries: [Entry]
    /// The file says that whoever is on this machine may read without a token.
    let admitsReadersWithoutToken: Bool

    /// Reads lines `name role sha256`, the digest in lower-case hexadecimal and over the whole
    /// token. Empty lines and those that begin with `#` say nothing. One operator may have several
    /// tokens, while one takes the place of another, and has one role. The line
    /// `anonymous viewer *` lets whoever is on the machine read, as if there were no file.
    package init(_ text: String) throws(BadLine) {
        var entries: [Entry] = []
        var admitsReadersWithoutToken = false
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.isEmpty || words[0].hasPrefix("#") { continue }
            if words == ["anonymous", "viewer", "*"] {
                admitsReadersWithoutToken = true
                continue
            }
            do throws(Refusal) {
                entries.append(try Self.entry(words, after: entries))
            } catch {
                throw BadLine(line: index + 1, reason: error.reason)
            }
        }
        self.entries = entries
        self.admitsReadersWithoutToken = admitsReadersWithoutToken
    }

    private struct Refusal: Error {
        var reason: String
    }

    private static func entry(_ words: [Substring], after entries: [Entry]) throws(Refusal) -> Entry {
        guard words.count == 3 else { throw Refusal(reason: "must be a name, a role and the SHA-256 of a token, not \(words.count) words") }
        let name = String(words[0])
        guard Operator.isName(name) else { throw Refusal(reason: "the name must be 1–64 of A-Z a-z 0-9 . _ @ -") }
        guard let role = OperatorRole(rawValue: String(words[1])) else {
            throw Refusal(reason: "the role must be one of \(OperatorRole.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let digest = digest(words[2]) else { throw Refusal(reason: "the SHA-256 must be 64 of 0-9 a-f") }
        if entries.contains(where: { $0.digest == digest }) { throw Refusal(reason: "the token is already somebody's") }
        if entries.contains(where: { $0.holder.name == name && $0.holder.role != role }) { throw Refusal(reason: "\(name) has another role already") }
        return Entry(digest: digest, holder: Operator(name: name, role: role))
    }

    private static func digest(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count == SHA256Digest.byteCount * 2 else { return nil }
        var digits: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digits.append(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    package func contains(name: String) -> Bool { named(name) != nil }

    func named(_ name: String) -> Operator? { entries.first { $0.holder.name == name }?.holder }

    /// Whose token it is. Takes the same time whichever it is, and whether it is any.
    func holder(ofToken token: String) -> Operator? {
        let digest = OperatorToken.digest(of: token)
        var holder: Operator?
        for entry in entries {
            let difference = zip(entry.digest, digest).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) }
            if difference == 0 { holder = entry.holder }
        }
        return holder
    }
}
