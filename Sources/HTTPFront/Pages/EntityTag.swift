/// Whether a client already has what it asks for.
enum EntityTag {
    /// Weak comparison (RFC 9110, section 8.8.3.2) with lists of tags or `*`.
    ///
    /// - Parameter lists: the values of all `If-None-Match` headers.
    static func matches(_ tag: String, _ lists: [String]) -> Bool {
        lists.contains { list in
            list == tag
                || list.split(separator: ",").contains { candidate in
                    let candidate = candidate.drop { $0 == " " || $0 == "\t" }
                    return candidate.hasPrefix("*") || opaque(candidate[...]).hasPrefix(opaque(tag[...]))
                }
        }
    }

    private static func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }
}
