/// Bytes that are not JSON, or not the JSON that is read here.
package struct JSONSyntaxError: Error, Sendable, Equatable {
    package enum Reason: String, Sendable {
        case notUTF8 = "is not UTF-8"
        case unexpectedByte = "has an unexpected byte"
        case unexpectedEnd = "ends too early"
        case badEscape = "has a bad escape"
        case loneSurrogate = "has half a surrogate pair"
        case tooDeep = "nests too deeply"
        case tooManyMembers = "has too many members"
        case duplicateMember = "names a member twice"
        case trailingBytes = "goes on after its end"
        case notAnObject = "is not an object"
    }

    package let reason: Reason
    /// Where it was found, in bytes from the start.
    package let offset: Int

    package init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
