"""What would be deployed against Azure Resource Manager's own types (docs/guides/types.md).

The type files are Microsoft's, generated from the API's specifications and public (Azure/bicep-types-az); they are not part of
the project. `type_files` opens them, `azure_native` knows where azure-native's inputs differ from them, `shapes` joins the two,
`values` finds what does not fit, `references` finds ids of nothing, `judge` makes findings of both.
"""
