/// Why something to be broken is not there, or not whole.
package struct SetupFailure: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
