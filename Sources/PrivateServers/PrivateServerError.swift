/// Why a private server did not start. `description` is one line for a person.
package struct PrivateServerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// A program is not installed.
        case missingProgram
        case portInUse
        /// A directory cannot be made, written or entered.
        case unusableDirectory
        /// The data was written by another version of the server.
        case otherVersion
        /// The program ran and said no; the description ends with the last line of its log.
        case failed
    }

    package let reason: Reason
    package let description: String

    package init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
